/** Channels, this person's browsers, and what could not be sent. */
import * as v from 'valibot';
import { Nothing, request } from './request';
import type {
  Channel,
  ChannelRequest,
  Delivery,
  NewPushSubscriptionRequest,
  NotificationSettings,
  PatchedNotificationSettingsRequest,
  Push,
  PushSubscription as PushBrowser,
} from './schema/types';
import { vChannel, vDelivery, vNotificationSettings, vPush, vPushSubscription, vTestResult } from './schema/valibot';

export type { Channel, Delivery, NotificationSettings, Push, PushBrowser };
export type Kind = Channel['kinds'][number];
/** Without an address, the stored one stays. */
export type ChannelFields = Omit<ChannelRequest, 'url'> & { url?: string };

export const notificationKinds = vChannel.entries.kinds.item.options;

// The backend waits for the service before it answers.
const TEST_TIMEOUT_MS = 30_000;

const ROOT = '/api/notifications';

export const getChannels = () => request(v.array(vChannel), `${ROOT}/channels/`);

export const addChannel = (body: ChannelFields) => request(vChannel, `${ROOT}/channels/`, { method: 'POST', body });

export const changeChannel = (id: number, body: ChannelFields) =>
  request(vChannel, `${ROOT}/channels/${id}/`, { method: 'PATCH', body });

export const deleteChannel = (id: number) => request(Nothing, `${ROOT}/channels/${id}/`, { method: 'DELETE' });

export const testChannel = (id: number) =>
  request(vTestResult, `${ROOT}/channels/${id}/test/`, { method: 'POST', timeoutMs: TEST_TIMEOUT_MS });

export const getOutbox = () => request(v.array(vDelivery), `${ROOT}/outbox/`);

export const retryDelivery = (id: number) => request(Nothing, `${ROOT}/outbox/${id}/retry/`, { method: 'POST' });

export const dismissDelivery = (id: number) => request(Nothing, `${ROOT}/outbox/${id}/`, { method: 'DELETE' });

export const getPush = () => request(vPush, `${ROOT}/push/`);

export const addPush = (body: NewPushSubscriptionRequest) =>
  request(vPushSubscription, `${ROOT}/push/`, { method: 'POST', body });

export const deletePush = (id: number) => request(Nothing, `${ROOT}/push/${id}/`, { method: 'DELETE' });

export const testPush = (id: number) =>
  request(vTestResult, `${ROOT}/push/${id}/test/`, { method: 'POST', timeoutMs: TEST_TIMEOUT_MS });

export const getNotificationSettings = () => request(vNotificationSettings, `${ROOT}/settings/`);

export const changeNotificationSettings = (body: PatchedNotificationSettingsRequest) =>
  request(vNotificationSettings, `${ROOT}/settings/`, { method: 'PATCH', body });
