const request = new XMLHttpRequest();
const outcome = new Promise(resolve => {
    request.onload = () => resolve(`reads: ${request.responseText}`);
    request.onerror = () => resolve(`an error event; status is ${request.status}`);
});
request.open("GET", url("text"));
request.send();
return outcome;
