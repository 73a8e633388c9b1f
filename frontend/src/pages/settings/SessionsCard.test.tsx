import { screen, within } from '@testing-library/react';
import { beforeEach, describe, expect, it, vi } from 'vitest';
import type { ListedSession } from '../../api/sessions';
import {
  anna,
  aSession,
  ben,
  inSeconds,
  installFakeBackend,
  installFakeSocket,
  open,
  requests,
  type Backend,
} from '../../testing/fakes';
import { t } from '../../text';

let backend: Backend;

const card = () => within(screen.getByRole('region', { name: t('settings.sessions.title') }));
const button = (name: string) => screen.getByRole('button', { name });

const listed = (id: string, changes: Partial<ListedSession> = {}): ListedSession => ({
  id,
  person: anna,
  device: 'Firefox on Linux, 192.168.1.7',
  created_at: inSeconds(-86_400),
  last_used_at: inSeconds(-60),
  expires_at: inSeconds(86_400),
  is_current: false,
  ...changes,
});
const here = listed('a', { is_current: true });
const phone = listed('b', { device: 'Chrome on Android, 192.168.1.23' });
const bens = listed('c', { person: ben, device: '', created_at: null, last_used_at: null });

beforeEach(() => {
  vi.useFakeTimers();
  installFakeSocket();
  backend = installFakeBackend();
  backend['/api/sessions/'] = { body: [here, phone, bens] };
});

describe('the sessions', () => {
  it('are listed with device, owner and last use', async () => {
    await open('/settings');
    expect(card().getByText(/Firefox on Linux/)).toBeVisible();
    expect(card().getByText(t('settings.sessions.current'))).toBeVisible();
    expect(card().getByText(/Chrome on Android/)).toBeVisible();
    expect(card().getByText(t('settings.sessions.unknownDevice'))).toBeVisible();
    expect(card().getByText('Ben')).toBeVisible();
    expect(card().getAllByText(/last used/)).toHaveLength(2);
    expect(card().getAllByRole('button', { name: /^Log out .+, / })).toHaveLength(2);
  });

  it('are ended one by one', async () => {
    const user = await open('/settings');
    await user.click(button(t('settings.sessions.endName', { name: 'Chrome on Android, 192.168.1.23, Anna' })));
    backend['DELETE /api/sessions/b/'] = { status: 204 };
    backend['/api/sessions/'] = { body: [here] };
    const title = t('settings.sessions.endTitle', { name: 'Chrome on Android, 192.168.1.23, Anna' });
    await user.click(within(screen.getByRole('alertdialog', { name: title })).getByRole('button', { name: t('settings.sessions.end') }));
    expect(requests('DELETE', '/api/sessions/b/')).toHaveLength(1);
    expect(card().queryByText(/Chrome on Android/)).not.toBeInTheDocument();
  });

  it('are ended all at once, but for this one', async () => {
    backend['/api/session/'] = { body: aSession(ben) };
    const mine = { ...here, person: ben };
    backend['/api/sessions/'] = { body: [mine, bens] };
    const user = await open('/settings');
    await user.click(button(t('settings.sessions.endOthers')));
    backend['DELETE /api/sessions/'] = { status: 204 };
    backend['/api/sessions/'] = { body: [mine] };
    const dialog = within(screen.getByRole('alertdialog', { name: t('settings.sessions.endOthersTitle') }));
    await user.click(dialog.getByRole('button', { name: t('settings.sessions.endOthers') }));
    expect(requests('DELETE', '/api/sessions/')).toHaveLength(1);
    expect(screen.queryByRole('button', { name: t('settings.sessions.endOthers') })).not.toBeInTheDocument();
  });
});
