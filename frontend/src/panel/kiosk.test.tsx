import { screen, within } from '@testing-library/react';
import { beforeEach, describe, expect, it, vi } from 'vitest';
import {
  anAlarm,
  change,
  aSession,
  installFakeBackend,
  installFakeSocket,
  nextAlarm,
  notReady,
  open,
  requests,
  sent,
  tablet,
  type Backend,
} from '../testing/fakes';
import { t } from '../text';

let backend: Backend;

beforeEach(() => {
  vi.useFakeTimers();
  installFakeSocket();
  backend = installFakeBackend();
  backend['/api/session/'] = { body: aSession(tablet) };
});

describe('a tablet on the wall', () => {
  it('shows the state and arms, and asks for nothing else', async () => {
    const user = await open('/');
    expect(screen.getByRole('region', { name: t('panel.armLabel') })).toBeVisible();
    expect(screen.queryByRole('navigation')).not.toBeInTheDocument();
    expect(screen.queryByRole('region', { name: t('panel.readiness.label') })).not.toBeInTheDocument();
    for (const path of ['/api/sensors/', '/api/events/', '/api/settings/', '/api/people/']) {
      expect(requests('GET', path)).toEqual([]);
    }
    backend['POST /api/alarm/arm/'] = { body: anAlarm({ state: 'arming', target: 'armed_away', sequence: 2 }) };
    await user.click(screen.getByRole('button', { name: new RegExp(t('panel.arm.away')) }));
    expect(sent('POST', '/api/alarm/arm/')).toEqual([{ mode: 'away', bypass: [] }]);
    expect(screen.getByRole('region', { name: t('panel.disarmLabel') })).toBeVisible();
  });

  it('leaves an open sensor out with a PIN only', async () => {
    const doors = [{ id: 1, name: 'Back door', reasons: ['open' as const] }];
    const user = await open('/', { alarm: anAlarm({ not_ready: notReady({ away: doors }) }) });
    await user.click(screen.getByRole('button', { name: new RegExp(t('panel.arm.away')) }));
    backend['POST /api/alarm/arm/'] = { status: 403, body: { code: 'pin_required', detail: 'This needs a PIN.' } };
    await user.click(screen.getByRole('button', { name: t('panel.bypassConfirmation.armOne.away') }));
    expect(screen.getByRole('region', { name: t('panel.pinToArm.away') })).toBeVisible();
    backend['POST /api/alarm/arm/'] = { body: anAlarm({ state: 'arming', target: 'armed_away', sequence: 2 }) };
    await user.keyboard('1234{Enter}');
    expect(sent('POST', '/api/alarm/arm/').at(-1)).toEqual({ mode: 'away', bypass: [1], pin: '1234' });
  });

  it('acknowledges an alarm with a PIN', async () => {
    const memory = [{ id: 1, name: 'Back door', kind: 'door' as const, at: new Date().toISOString() }];
    const user = await open('/', { alarm: anAlarm({ memory }) });
    const card = within(screen.getByRole('region', { name: t('panel.memory.title') }));
    await user.click(card.getByRole('button', { name: t('panel.memory.acknowledge') }));
    backend['POST /api/alarm/acknowledge/'] = { body: anAlarm({ sequence: 2 }) };
    await user.keyboard('1234{Enter}');
    expect(sent('POST', '/api/alarm/acknowledge/')).toEqual([{ pin: '1234' }]);
    expect(screen.queryByRole('region', { name: t('panel.memory.title') })).not.toBeInTheDocument();
  });

  it('tells whether a siren reports that it sounds, and of no siren more', async () => {
    await open('/');
    const siren = (changes: object) => ({ id: 1, name: '', reported: 'off', error: '', ...changes });
    await change(2, 'output', siren({}));
    expect(screen.queryByRole('list', { name: t('outputs.label') })).not.toBeInTheDocument();
    await nextAlarm(anAlarm({ state: 'triggered', siren: true, sequence: 3 }));
    const heard = screen.getByRole('list', { name: t('outputs.label') });
    expect(heard).toHaveTextContent(t('outputs.heardNone'));
    await change(4, 'output', siren({ reported: 'on' }));
    expect(heard).toHaveTextContent(t('outputs.heard', { count: 1 }));
    await change(5, 'output', siren({ id: 2, reported: 'on' }));
    expect(heard).toHaveTextContent(t('outputs.heard', { count: 2 }));
  });

  it('shows which sensors are in trouble', async () => {
    const trouble = [{ id: 1, name: 'Back door', trouble: ['low_battery' as const] }];
    await open('/', { alarm: anAlarm({ trouble }) });
    const card = screen.getByRole('region', { name: t('panel.trouble') });
    expect(card).toHaveTextContent(/Back door.*Low battery/);
  });

  it('goes to the panel from every other page', async () => {
    const user = await open('/settings');
    expect(user.address()).toBe('/');
    expect(requests('GET', '/api/sessions/')).toEqual([]);
  });
});
