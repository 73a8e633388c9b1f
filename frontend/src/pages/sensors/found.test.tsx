import { screen, within } from '@testing-library/react';
import { beforeEach, expect, it, vi } from 'vitest';
import type { DiscoveredSensor } from '../../api/discovered';
import { advance, installFakeBackend, installFakeSocket, open, sent, type Backend } from '../../testing/fakes';
import { t } from '../../text';

const FOUND = '/api/integrations/mqtt/discovered/';

const found = (changes: Partial<DiscoveredSensor>): DiscoveredSensor => ({
  id: 1,
  name: 'Hall door',
  kind: 'door',
  device_class: 'door',
  model: 'Aqara T1',
  origin: 'Zigbee2MQTT',
  topic: 'zigbee2mqtt/hall',
  detail: '',
  refusal: '',
  sensor: null,
  tells: ['battery', 'availability'],
  ...changes,
});

let backend: Backend;

beforeEach(() => {
  vi.useFakeTimers();
  installFakeSocket();
  backend = installFakeBackend();
  backend[FOUND] = {
    body: [
      found({}),
      found({ id: 2, name: 'Cellar', kind: 'water', tells: [] }),
      found({ id: 3, name: 'Old door', sensor: 7 }),
      found({ id: 4, name: 'Washing machine', kind: null, refusal: 'no_such_kind' }),
    ],
  };
});

async function openDialog() {
  const user = await open('/sensors');
  await user.click(screen.getByRole('button', { name: t('found.open') }));
  return user;
}

const dialog = () => within(screen.getByRole('dialog', { name: t('found.title') }));
const box = (name: RegExp) => dialog().getByRole('checkbox', { name });
const button = (count: number) => dialog().getByRole('button', { name: t('found.import', { count }) });

it('imports those that were chosen, and says why others cannot be', async () => {
  const user = await openDialog();
  expect(button(0)).toBeDisabled();
  expect(box(/Old door.*Imported already/)).toBeDisabled();
  expect(box(/Washing machine.*Not a kind/)).toBeDisabled();
  await user.click(box(/Hall door/));
  await user.click(box(/Cellar/));
  backend[`POST ${FOUND}import/`] = { status: 201, body: [] };
  await user.click(button(2));
  expect(sent('POST', `${FOUND}import/`)).toEqual([{ sensors: [{ id: 1 }, { id: 2 }] }]);
  expect(screen.queryByRole('dialog')).not.toBeInTheDocument();
  expect(screen.getByText(t('found.imported', { count: 2 }))).toBeVisible();
});

it('shows one that is announced meanwhile, and drops a choice that is not any more', async () => {
  const user = await openDialog();
  await user.click(box(/Hall door/));
  backend[FOUND] = { body: [found({ id: 5, name: 'Shed' })] };
  await advance(6_000);
  expect(box(/Shed/)).toBeEnabled();
  expect(button(0)).toBeDisabled();
});
