/** Probes of the stack through its port, as a browser uses it. */

const LIMIT = 5000; // ms until an answer counts as none
export const pause = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

/** A page in a background tab sends no requests. */
export async function repeat(every, look) {
  for (;;) {
    await look();
    await pause(every);
    while (document.hidden) await new Promise((resolve) => document.addEventListener('visibilitychange', resolve, { once: true }));
  }
}

/** Requests `path` repeatedly; `show` gets {tone, figure, detail}. */
export function probeHttp(path, show) {
  return repeat(3000, async () => {
    const started = performance.now();
    try {
      const answer = await fetch(path, { cache: 'no-store', signal: AbortSignal.timeout(LIMIT) });
      const figure = milliseconds(started);
      show({ tone: answer.ok ? 'good' : 'bad', figure: answer.ok ? figure : `${answer.status}`, detail: `GET ${path}` });
    } catch {
      show({ tone: 'bad', figure: 'No answer', detail: `GET ${path}` });
    }
  });
}

/**
 * Opens a WebSocket and keeps it open, so that the log is not full of connections; shows the handshake's time.
 * `open()` returns the socket or throws.
 */
export async function probeSocket(open, detail, show) {
  for (;;) {
    try {
      const socket = await open();
      const started = performance.now();
      const closed = new Promise((resolve) => socket.addEventListener('close', resolve));
      await handshake(socket);
      const figure = milliseconds(started);
      show({ tone: 'good', figure, detail: `${detail}, open` });
      const { code } = await closed;
      // A code from 4000 on is the app's own, so the app runs.
      if (code >= 4000) show({ tone: 'good', figure, detail: `${detail}, closed by the app with ${code}` });
      await pause(code >= 4000 ? 15_000 : 0);
    } catch (error) {
      show({ tone: 'bad', figure: 'No answer', detail: `${detail}: ${error.message}` });
      await pause(3000);
    }
  }
}

function handshake(socket) {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => {
      socket.close();
      reject(new Error(`not within ${LIMIT / 1000} s`));
    }, LIMIT);
    socket.addEventListener('open', () => {
      clearTimeout(timer);
      resolve();
    });
    socket.addEventListener('close', ({ code }) => reject(new Error(`refused (${code})`)));
  });
}

const socketAddress = (path) => Object.assign(new URL(path, location.href), { protocol: location.protocol.replace('http', 'ws') });

export const openSocket = (path) => async () => new WebSocket(socketAddress(path));

/** As Vite's client does, which contains the token. */
export async function openHmr() {
  const client = await fetch('/@vite/client', { cache: 'no-store', signal: AbortSignal.timeout(LIMIT) });
  const token = /wsToken = "([^"]+)"/.exec(await client.text())?.[1];
  if (!token) throw new Error('Vite’s client holds no token');
  return new WebSocket(socketAddress(`/?token=${token}`), 'vite-hmr');
}

function milliseconds(started) {
  return `${Math.max(1, Math.round(performance.now() - started))} ms`;
}
