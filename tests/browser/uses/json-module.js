return importWith("data.json", "json", "data:application/json,{}", module => `reads: ${module.answer}`);
