/** The socket's messages. docs/websocket.md describes them, and a test parses its examples. */
import * as v from 'valibot';
import { AlarmEvent } from '../api/events';
import { vAlarm, vMqttStatus, vOutput, vSensor, vSettings } from '../api/schema/valibot';

/** The sequence is in the message. */
const AlarmBody = v.omit(vAlarm, ['sequence']);
/** What an output has reported. */
const ReportedOutput = v.pick(vOutput, ['id', 'name', 'reported', 'error']);
const Integrations = v.object({ mqtt: vMqttStatus });

const Snapshot = v.object({
  type: v.literal('snapshot'),
  sequence: v.number(),
  alarm: AlarmBody,
  sensors: v.array(vSensor),
  outputs: v.array(ReportedOutput),
  integrations: Integrations,
});
export type Snapshot = v.InferOutput<typeof Snapshot>;

const envelope = { type: v.literal('change'), sequence: v.number() };

const topics = {
  alarm: AlarmBody,
  sensor: vSensor,
  sensor_removed: v.object({ id: v.number() }),
  output: ReportedOutput,
  output_removed: v.object({ id: v.number() }),
  settings: vSettings,
  integration: Integrations,
  event: AlarmEvent,
  chime: v.object({ id: v.number(), name: v.string() }),
};

const Change = v.variant('topic', [
  v.object({ ...envelope, topic: v.literal('alarm'), data: topics.alarm }),
  v.object({ ...envelope, topic: v.literal('sensor'), data: topics.sensor }),
  v.object({ ...envelope, topic: v.literal('sensor_removed'), data: topics.sensor_removed }),
  v.object({ ...envelope, topic: v.literal('output'), data: topics.output }),
  v.object({ ...envelope, topic: v.literal('output_removed'), data: topics.output_removed }),
  v.object({ ...envelope, topic: v.literal('settings'), data: topics.settings }),
  v.object({ ...envelope, topic: v.literal('integration'), data: topics.integration }),
  v.object({ ...envelope, topic: v.literal('event'), data: topics.event }),
  v.object({ ...envelope, topic: v.literal('chime'), data: topics.chime }),
]);
/** An unknown topic of a newer backend. The page ignores it, but counts its sequence. */
const OtherChange = v.object({ ...envelope, topic: v.custom<'other'>((topic) => !(String(topic) in topics)) });
export type Change = v.InferOutput<typeof Change> | v.InferOutput<typeof OtherChange>;

const Message = v.union([
  Snapshot,
  Change,
  OtherChange,
  v.object({ type: v.literal('resumed'), sequence: v.number() }),
  v.object({ type: v.picklist(['ping', 'pong']) }),
  /** The reason before the server closes; `code` is the close code. */
  v.object({ type: v.literal('error'), code: v.number(), detail: v.string() }),
]);
export type Message = v.InferOutput<typeof Message>;

/** The page's own messages. */
export type OwnMessage = { type: 'resume'; since: number } | { type: 'ping' } | { type: 'pong' };

const types = ['snapshot', 'change', 'resumed', 'ping', 'pong', 'error'] as const;

/** Null for anything but a message of the protocol. Throws for a message with unknown content. */
export function readMessage(data: unknown): Message | null {
  let message: unknown;
  try {
    message = JSON.parse(String(data));
  } catch {
    return null;
  }
  const known = v.safeParse(v.object({ type: v.picklist(types) }), message);
  return known.success ? v.parse(Message, message) : null;
}
