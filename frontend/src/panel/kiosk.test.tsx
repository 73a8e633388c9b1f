import { screen, within } from '@testing-library/react';
import { beforeEach, describe, expect, it, vi } from 'vitest';
import {
  anAlarm,
  aSession,
  installFakeBackend,
  installFakeSocket,
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

  it('leaves no open sensor out', async () => {
    const doors = [{ id: 1, name: 'Back door' }];
    const user = await open('/', { alarm: anAlarm({ not_ready: { home: [], away: doors, night: [] } }) });
    await user.click(screen.getByRole('button', { name: new RegExp(t('panel.arm.away')) }));
    const confirmation = within(screen.getByRole('group', { name: t('panel.bypassConfirmation.title') }));
    expect(confirmation.getByText('Back door')).toBeVisible();
    expect(confirmation.getAllByRole('button')).toHaveLength(1); // back
  });

  it('goes to the panel from every other page', async () => {
    const user = await open('/settings');
    expect(user.address()).toBe('/');
    expect(requests('GET', '/api/sessions/')).toEqual([]);
  });
});
