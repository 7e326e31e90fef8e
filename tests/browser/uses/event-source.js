const source = new EventSource(url("events"));
const outcome = await new Promise(resolve => {
    source.onmessage = ({ data }) => resolve(`reads: ${data}`);
    source.onerror = () => {
        const state = ["CONNECTING", "OPEN", "CLOSED"][source.readyState];
        resolve(`an error event; readyState is ${state}`);
    };
});
source.close();
return outcome;
