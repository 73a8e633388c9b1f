/** The connection to Home Assistant, through an MQTT broker. */
import * as v from 'valibot';
import { request } from './request';
import { Moment } from './shapes';

export const mqttStates = ['off', 'connecting', 'connected', 'unreachable', 'refused'] as const;
export type MqttState = (typeof mqttStates)[number];

export const MqttStatus = v.object({
  state: v.picklist(mqttStates),
  detail: v.string(),
  since: v.nullable(Moment),
});
export type MqttStatus = v.InferOutput<typeof MqttStatus>;

const Mqtt = v.object({
  enabled: v.boolean(),
  host: v.string(),
  port: v.number(),
  tls: v.boolean(),
  username: v.string(),
  has_password: v.boolean(),
  base_topic: v.string(),
  discovery_prefix: v.string(),
  /** Fields that variables of the server fix. */
  from_environment: v.array(v.string()),
  status: MqttStatus,
});
export type Mqtt = v.InferOutput<typeof Mqtt>;
/** Without a password, the stored one stays. */
export type MqttFields = Partial<Omit<Mqtt, 'has_password' | 'from_environment' | 'status'> & { password: string }>;

// The backend waits for the broker before it answers.
const TEST_WITHIN_MS = 30_000;

export const getMqtt = () => request(Mqtt, '/api/integrations/mqtt/');

export const changeMqtt = (body: MqttFields) => request(Mqtt, '/api/integrations/mqtt/', { method: 'PATCH', body });

export const testMqtt = (body: MqttFields) =>
  request(v.object({ ok: v.boolean(), detail: v.string() }), '/api/integrations/mqtt/test/', {
    method: 'POST',
    body,
    within: TEST_WITHIN_MS,
  });
