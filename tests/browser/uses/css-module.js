return importWith("style.css", "css", "data:text/css,", sheet => {
    document.adoptedStyleSheets = [sheet];
    document.body.id = "probe";
    return getComputedStyle(document.body).width === "123px" ? "it applies" : "it does not apply";
});
