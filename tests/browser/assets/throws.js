// Not `throw new Error(…)`: Firefox tells any page of what a script throws itself.
theDetail;
