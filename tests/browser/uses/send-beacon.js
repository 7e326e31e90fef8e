// It returns true whatever becomes of the request: the test asks the server.
const sent = navigator.sendBeacon(url("text"), new Blob(["{}"], { type: "application/json" }));
return sent ? "beacon" : "sendBeacon() returns false";
