import { request } from './request';
import type { MqttLogin, MqttSettings, MqttSettingsRequest, MqttStatus } from './schema/types';
import { vMqttLogin, vMqttSettings, vMqttTestResult } from './schema/valibot';

export type { MqttLogin, MqttSettings, MqttSettingsRequest, MqttStatus };

// The backend waits for the broker before it answers.
const TEST_TIMEOUT_MS = 30_000;

export const getMqtt = () => request(vMqttSettings, '/api/integrations/mqtt/');

/** Without a password, the stored one stays. */
export const changeMqtt = (body: MqttSettingsRequest) =>
  request(vMqttSettings, '/api/integrations/mqtt/', { method: 'PATCH', body });

/** The answer has the password, which no later answer shows. */
export const renewHomeAssistant = () =>
  request(vMqttLogin, '/api/integrations/mqtt/home-assistant/', { method: 'POST' });

export const testMqtt = (body: MqttSettingsRequest) =>
  request(vMqttTestResult, '/api/integrations/mqtt/test/', { method: 'POST', body, timeoutMs: TEST_TIMEOUT_MS });
