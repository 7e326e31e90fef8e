try {
    const response = await fetch(url("text"));
    return `get() returns ${response.headers.get("x-total")}`;
} catch (error) {
    return `the promise rejects with a ${error.name}`;
}
