import { screen, within } from '@testing-library/react';
import { beforeEach, describe, expect, it, vi } from 'vitest';
import {
  anAlarm,
  aSensor,
  aSession,
  ben,
  disconnect,
  change,
  installFakeBackend,
  installFakeSocket,
  nextAlarm,
  open,
  requests,
  sent,
  type Backend,
} from '../../testing/fakes';
import { t } from '../../text';

let backend: Backend;

const button = (name: string) => screen.getByRole('button', { name });
const rows = () => within(screen.getByRole('region', { name: t('sensors.title') })).queryAllByRole('listitem');
const bypass = () => screen.getByRole('switch', { name: t('sensors.bypass', { name: 'Back door' }) });

/** Chooses an action from the menu of a row. */
async function choose(user: Awaited<ReturnType<typeof open>>, action: string) {
  await user.click(button(t('actions.more', { name: 'Back door' })));
  await user.click(screen.getByRole('menuitem', { name: action }));
}

beforeEach(() => {
  vi.useFakeTimers();
  installFakeSocket();
  backend = installFakeBackend();
});

describe('the list', () => {
  it('shows the state of each sensor, and follows changes, additions and removals', async () => {
    await open('/sensors', { sensors: [aSensor(), aSensor({ id: 2, name: 'Hall', kind: 'motion', active: null })] });
    expect(rows()).toHaveLength(2);
    expect(rows()[0]).toHaveTextContent(/Back door.*Closed/);
    expect(rows()[1]).toHaveTextContent(t('sensors.neverHeard'));
    await change(2, 'sensor', aSensor({ active: true }));
    expect(rows()[0]).toHaveTextContent('Open');
    await change(3, 'sensor', aSensor({ id: 3, name: 'Cellar', kind: 'water', type: 'water', trouble: ['low_battery'] }));
    expect(rows()[2]).toHaveTextContent(/Cellar.*Low battery.*Water.*Dry/);
    await change(4, 'sensor_removed', { id: 1 });
    expect(rows()).toHaveLength(2);
  });

  it('is marked as out of date without the socket, and bypassing is disabled', async () => {
    await open('/sensors', { sensors: [aSensor()] });
    await disconnect();
    expect(screen.getByText(t('sensors.lastKnown'))).toBeVisible();
    expect(bypass()).toBeDisabled();
  });

  it('offers no bypass for what protects lives', async () => {
    const types = ['fire', 'panic', 'silent_panic'] as const;
    await open('/sensors', { sensors: types.map((type, index) => aSensor({ id: index + 1, name: type, type })) });
    expect(rows()).toHaveLength(3);
    expect(screen.queryByRole('switch')).not.toBeInTheDocument();
  });

  it('lets residents bypass a sensor, but not edit one', async () => {
    backend['/api/session/'] = { body: aSession(ben) };
    backend['POST /api/sensors/1/bypass/'] = { body: aSensor({ bypassed: true }) };
    const user = await open('/sensors', { sensors: [aSensor()] });
    await user.click(bypass());
    expect(sent('POST', '/api/sensors/1/bypass/')).toEqual([{ bypassed: true }]);
    expect(screen.getByText(t('sensors.bypassOn', { name: 'Back door' }))).toBeVisible();
    expect(screen.queryByRole('button', { name: t('sensors.add') })).not.toBeInTheDocument();
    expect(screen.queryByRole('button', { name: t('actions.more', { name: 'Back door' }) })).not.toBeInTheDocument();
  });

  it('shows the backend’s refusal', async () => {
    const user = await open('/sensors', { sensors: [aSensor()] });
    const body = { code: 'not_disarmed', detail: 'Disarm first.' };
    backend['POST /api/sensors/1/bypass/'] = { status: 409, body };
    await user.click(bypass());
    expect(screen.getByText('Disarm first.')).toHaveRole('alert');
    expect(bypass()).not.toBeChecked();
  });
});

describe('while the alarm is armed', () => {
  it('nothing can be weakened, the page says why, and a bypass can be ended', async () => {
    const sensors = [aSensor(), aSensor({ id: 2, name: 'Hall', bypassed: true })];
    const user = await open('/sensors', { alarm: anAlarm({ state: 'armed_home' }), sensors });
    expect(screen.getByText(t('alarm.onlyWhileDisarmed'))).toBeVisible();
    expect(bypass()).toBeDisabled();
    expect(button(t('sensors.add'))).toBeDisabled();
    expect(button(t('actions.more', { name: 'Back door' }))).toBeDisabled();
    backend['POST /api/sensors/2/bypass/'] = { body: aSensor({ id: 2 }) };
    await user.click(screen.getByRole('switch', { name: t('sensors.bypass', { name: 'Hall' }) }));
    expect(sent('POST', '/api/sensors/2/bypass/')).toEqual([{ bypassed: false }]);
    await nextAlarm(anAlarm({ sequence: 2 }));
    expect(screen.queryByText(t('alarm.onlyWhileDisarmed'))).not.toBeInTheDocument();
    expect(bypass()).toBeEnabled();
  });
});

describe('an administrator', () => {
  it('adds a sensor and sees its token once, with an example to copy', async () => {
    const user = await open('/sensors');
    backend['POST /api/sensors/'] = { status: 201, body: { ...aSensor({ id: 9 }), token: 'the-token', mqtt: null } };
    await user.click(button(t('sensors.add')));
    await user.type(screen.getByLabelText(t('sensors.name')), 'Back door');
    await user.click(screen.getByRole('checkbox', { name: t('alarm.modes.night') }));
    await user.click(button(t('actions.add')));
    const defaults = { kind: 'door', type: 'entry_exit', entry_delay: null, final_door: false, chime: false };
    const body = { ...defaults, name: 'Back door', modes: ['home', 'away', 'vacation'], heartbeat: null };
    expect(sent('POST', '/api/sensors/')).toEqual([body]);
    const dialog = screen.getByRole('dialog', { name: t('sensors.token.title', { name: 'Back door' }) });
    expect(within(dialog).getByText('the-token')).toBeVisible();
    expect(dialog).toHaveTextContent(`${window.location.origin}/api/sensors/9/events/`);
    await user.click(button(t('sensors.token.done')));
    expect(screen.queryByText('the-token')).not.toBeInTheDocument();
    expect(button(t('sensors.add'))).toHaveFocus();
  });

  const chooseKind = async (user: Awaited<ReturnType<typeof open>>, kind: string) => {
    await user.click(screen.getByRole('button', { name: new RegExp(t('sensors.kind')) }));
    await user.click(screen.getByRole('option', { name: kind }));
  };

  it('cannot choose modes for a smoke detector', async () => {
    const user = await open('/sensors');
    await user.click(button(t('sensors.add')));
    await chooseKind(user, t('sensors.kinds.smoke'));
    expect(screen.getByText(t('sensors.typeHints.fire'))).toBeVisible();
    expect(screen.queryByRole('checkbox')).not.toBeInTheDocument();
  });

  it('gives a window none of the settings of a door', async () => {
    const user = await open('/sensors');
    backend['POST /api/sensors/'] = { status: 201, body: { ...aSensor({ id: 9 }), token: 'the-token', mqtt: null } };
    await user.click(button(t('sensors.add')));
    await user.type(screen.getByLabelText(t('sensors.name')), 'Kitchen');
    await user.type(screen.getByLabelText(t('sensors.ownDelay')), '90');
    await user.click(screen.getByRole('switch', { name: new RegExp(t('sensors.finalDoor')) }));
    await user.click(screen.getByRole('switch', { name: new RegExp(t('sensors.chime')) }));
    await chooseKind(user, t('sensors.kinds.window'));
    expect(screen.queryByLabelText(t('sensors.ownDelay'))).not.toBeInTheDocument();
    await user.click(button(t('actions.add')));
    const modes = ['home', 'away', 'night', 'vacation'];
    const body = { name: 'Kitchen', kind: 'window', type: 'perimeter', modes, chime: false, heartbeat: null };
    expect(sent('POST', '/api/sensors/')).toEqual([body]);
  });

  it('keeps what a sensor has, and changes its delay and supervision', async () => {
    const own = aSensor({ entry_delay: 45, final_door: true, heartbeat: 7200, modes: ['away'] });
    const user = await open('/sensors', { sensors: [own] });
    await choose(user, t('actions.edit'));
    const delay = screen.getByLabelText(t('sensors.ownDelay'));
    expect(delay).toHaveValue(45);
    await user.type(delay, '0');
    await user.click(screen.getByRole('button', { name: new RegExp(t('sensors.heartbeat')) }));
    expect(screen.getByRole('option', { name: '2 hours' })).toHaveAttribute('aria-selected', 'true');
    await user.click(screen.getByRole('option', { name: t('sensors.heartbeatOff') }));
    backend['PATCH /api/sensors/1/'] = { body: own };
    await user.click(button(t('actions.save')));
    const fields = { kind: 'door', type: 'entry_exit', name: 'Back door', modes: ['away'], chime: false };
    expect(sent('PATCH', '/api/sensors/1/')).toEqual([{ ...fields, entry_delay: 450, final_door: true, heartbeat: 0 }]);
  });

  it('sees at the field that a name is taken', async () => {
    const user = await open('/sensors', { sensors: [aSensor()] });
    const detail = 'Another sensor has this name.';
    backend['PATCH /api/sensors/1/'] = { status: 409, body: { code: 'name_taken', detail } };
    await choose(user, t('actions.edit'));
    await user.type(screen.getByLabelText(t('sensors.name')), ' 2');
    await user.click(button(t('actions.save')));
    expect(sent('PATCH', '/api/sensors/1/')).toEqual([expect.objectContaining({ name: 'Back door 2' })]);
    expect(screen.getByLabelText(t('sensors.name'))).toHaveAccessibleDescription(new RegExp(detail));
  });

  it('deletes a sensor after a confirmation', async () => {
    const user = await open('/sensors', { sensors: [aSensor()] });
    backend['DELETE /api/sensors/1/'] = { status: 204 };
    await choose(user, t('actions.delete'));
    const dialog = screen.getByRole('alertdialog', { name: t('sensors.deleteTitle', { name: 'Back door' }) });
    expect(within(dialog).getByRole('button', { name: t('actions.cancel') })).toHaveFocus();
    await user.click(button(t('actions.delete')));
    expect(requests('DELETE', '/api/sensors/1/')).toHaveLength(1);
    expect(screen.getByText(t('sensors.deleted', { name: 'Back door' }))).toBeVisible();
  });

  it('replaces a token after a confirmation', async () => {
    const user = await open('/sensors', { sensors: [aSensor()] });
    backend['POST /api/sensors/1/token/'] = { body: { token: 'another-token', mqtt: { username: 'sensor-1', topic: 'alarm_panel/sensor/1/set' } } };
    await choose(user, t('sensors.replaceToken'));
    await user.click(button(t('sensors.replaceToken')));
    expect(screen.getByText('another-token')).toBeVisible();
    // With the stack's own broker, its login there.
    expect(screen.getByText('sensor-1')).toBeVisible();
    expect(screen.getByText('alarm_panel/sensor/1/set')).toBeVisible();
  });
});
