// Shared by the scenarios. Each scenario is the body of an async function that appends to `reads` what the page gets, and only
// waits for events. The folders of the case: `app` has the origin of the page.
const reads = [];

// The server adds the first two to every response, and Firefox the third over HTTP/2.
const isCompared = name => !["content-length", "date", "x-firefox-spdy"].includes(name);

const describe = (type, status, names, redirected, body) =>
    `${type} ${status} [${names.filter(isCompared).sort()}]${redirected ? " redirected" : ""} ${body}`;

// Calls fetch(), and returns the parts of the response that the page can read.
const get = async (url, init) => {
    try {
        const response = await fetch(url, init);
        const { type, status, headers, redirected } = response;
        return describe(type, status, [...headers.keys()], redirected, await response.text());
    } catch (error) {
        return error.name;
    }
};

const read = async (url, init) => { reads.push(await get(url, init)); };

const loads = element => new Promise(resolve => {
    element.onload = () => resolve(true);
    element.onerror = () => resolve(false);
});

// Waits until the server has got this number of requests.
const arrive = async count => { while (await (await fetch(`${app}/arrived`)).text() < count); };
