/** Shapes that several answers share. */
import * as v from 'valibot';

/** ISO 8601, by the server's clock. */
export const Moment = v.pipe(
  v.string(),
  v.check((value) => !Number.isNaN(Date.parse(value))),
);

/** A person or a sensor, by name. */
export const Named = v.object({ id: v.number(), name: v.string() });
export type Named = v.InferOutput<typeof Named>;
