// sendBeacon() returns true whatever the outcome: the test asks the server.
const sent = navigator.sendBeacon(url("text"), new Blob(["{}"], { type: "application/json" }));
return sent ? "beacon" : "sendBeacon() returns false";
