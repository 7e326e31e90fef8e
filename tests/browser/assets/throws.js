// Not `throw new Error(…)`: Firefox reports an exception that a script throws itself to any page.
theDetail;
