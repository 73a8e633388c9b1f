import { screen, within } from '@testing-library/react';
import { beforeEach, describe, expect, it, vi } from 'vitest';
import {
  aSession,
  ben,
  inSeconds,
  installFakeBackend,
  installFakeSocket,
  open,
  requests,
  sent,
  type Backend,
} from '../../testing/fakes';
import { t } from '../../text';

let backend: Backend;

const TOTP = '/api/session/totp/';
const card = () => within(screen.getByRole('region', { name: t('totp.title') }));
const dialog = () => within(screen.getByRole('dialog'));
const confirmation = (name: string) => within(screen.getByRole('alertdialog', { name }));
const button = (name: string) => screen.getByRole('button', { name });
const inUse = { body: { added_at: inSeconds(-60), recovery_codes_left: 7 } };
const codes = { recovery_codes: ['AAAA-BBBB', 'CCCC-DDDD'] };

beforeEach(() => {
  vi.useFakeTimers();
  installFakeSocket();
  backend = installFakeBackend();
});

describe('the authenticator app', () => {
  it('is added with its QR code and a first code, and gives recovery codes', async () => {
    backend[`POST ${TOTP}`] = {
      status: 201,
      body: { secret: 'JBSWY3DP', uri: 'otpauth://totp/x', qr_size: 37, qr_path: 'M4 4h1v1h-1z' },
    };
    const user = await open('/settings');
    expect(card().getByText(t('totp.off'))).toBeVisible();
    await user.click(button(t('totp.add')));
    expect(dialog().getByRole('img', { name: t('totp.qrCode') })).toBeVisible();
    expect(dialog().getByRole('group', { name: t('totp.secret') })).toHaveTextContent(/^JBSWY3DP$/);
    backend[`POST ${TOTP}confirm/`] = { status: 403, body: { code: 'wrong_totp_code', detail: 'This code is wrong.' } };
    await user.type(dialog().getByLabelText(t('totp.shown')), '000000{Enter}');
    expect(dialog().getByText('This code is wrong.')).toBeVisible();
    backend[`POST ${TOTP}confirm/`] = { body: codes };
    backend[TOTP] = inUse;
    await user.type(dialog().getByLabelText(t('totp.shown')), '{Backspace}1{Enter}');
    expect(sent('POST', `${TOTP}confirm/`)).toEqual([{ code: '000000' }, { code: '000001' }]);
    expect(requests('POST', TOTP).filter(({ address }) => address === TOTP)).toHaveLength(1);
    expect(dialog().getByText(t('totp.added'))).toBeVisible();
    expect(dialog().getByText(/AAAA-BBBB/)).toHaveTextContent('CCCC-DDDD');
    await user.click(button(t('totp.recovery.done')));
    expect(card().getByText(new RegExp(t('totp.left', { count: 7 })))).toBeVisible();
  });

  it('is removed', async () => {
    backend[TOTP] = inUse;
    const user = await open('/settings');
    await user.click(button(t('totp.remove')));
    backend[`DELETE ${TOTP}`] = { status: 204 };
    backend[TOTP] = { body: { added_at: null, recovery_codes_left: 0 } };
    await user.click(confirmation(t('totp.removeTitle')).getByRole('button', { name: t('totp.remove') }));
    expect(card().getByText(t('totp.off'))).toBeVisible();
  });

  it('gets new recovery codes', async () => {
    backend[TOTP] = inUse;
    const user = await open('/settings');
    await user.click(button(t('totp.renew')));
    backend[`POST ${TOTP}recovery-codes/`] = { status: 201, body: codes };
    await user.click(confirmation(t('totp.renewTitle')).getByRole('button', { name: t('totp.renew') }));
    expect(dialog().getByText(/AAAA-BBBB/)).toBeVisible();
  });

  it('is for administrators', async () => {
    backend['/api/session/'] = { body: aSession(ben) };
    await open('/settings');
    expect(screen.queryByRole('region', { name: t('totp.title') })).not.toBeInTheDocument();
  });
});
