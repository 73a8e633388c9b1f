/** The chimes of the socket: a sensor that rings was opened while the alarm is disarmed. */

export interface Chime {
  id: number;
  name: string;
}

type Listener = (chime: Chime) => void;
const listeners = new Set<Listener>();

/** Calls `listener` at each chime; returns a function that ends that. */
export function onChime(listener: Listener): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

export function ring(chime: Chime): void {
  for (const listener of listeners) listener(chime);
}
