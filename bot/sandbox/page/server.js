// The calls the page makes to the sandbox server.

async function json(response) {
  if (!response.ok) throw new Error(`The sandbox answered ${response.status}.`);
  return response.json();
}

/** Who is in the workspace, the app, the intro and the guide. */
export async function fetchBootstrap() {
  return json(await fetch("/ui/bootstrap"));
}

/** Everything one person can see now. */
export async function fetchState(person) {
  return json(await fetch(`/ui/state?as=${encodeURIComponent(person)}`));
}

async function send(method, path, body) {
  const headers = { "Content-Type": "application/json" };
  return json(await fetch(path, { method, headers, body: JSON.stringify(body) }));
}

/** Does something as a person; answers `{ok, error?, options?}` once the app has acknowledged it, or three seconds passed. */
export async function postAct(body) {
  return send("POST", "/ui/act", body);
}

/** Plans a fault between the app and Slack; answers `{ok, error?}`. */
export async function postFault(wish) {
  return send("POST", "/ui/faults", wish);
}

/** Takes away the fault of this number, or all of them. */
export async function clearFaults(number = "") {
  return send("DELETE", `/ui/faults${number && `/${number}`}`);
}

/** Calls `onChange` whenever the person's state changed, until the returned function is called. Reconnects by itself. */
export function watch(person, onChange) {
  let socket = null;
  let stopped = false;
  const connect = () => {
    const scheme = location.protocol === "https:" ? "wss" : "ws";
    socket = new WebSocket(`${scheme}://${location.host}/ui/live?as=${encodeURIComponent(person)}`);
    socket.addEventListener("message", onChange);
    socket.addEventListener("close", () => {
      if (!stopped) setTimeout(connect, 1000);
    });
  };
  connect();
  return () => {
    stopped = true;
    socket.close();
  };
}
