import { screen, within } from '@testing-library/react';
import { beforeEach, describe, expect, it, vi } from 'vitest';
import { aSession, installFakeBackend, installFakeSocket, open, sent, type Backend } from '../testing/fakes';
import { t } from '../text';

let backend: Backend;

const refused = { status: 403, body: { code: 'proof_required', detail: 'Enter your password again.' } };
const anna = { id: 1, username: 'anna', name: 'Anna', role: 'admin', is_active: true };
const button = (name: string) => screen.getByRole('button', { name });
const dialog = () => screen.getByRole('dialog', { name: t('proof.title') });
const password = () => within(dialog()).getByLabelText(t('proof.password'));

beforeEach(() => {
  vi.useFakeTimers();
  installFakeSocket();
  backend = installFakeBackend();
  backend['/api/people/'] = { body: [anna] };
});

/** Tries to delete Anna, which needs a proof. */
async function tryToDelete() {
  const user = await open('/people');
  backend['DELETE /api/people/1/'] = refused;
  await user.click(button(t('actions.more', { name: 'Anna' })));
  await user.click(screen.getByRole('menuitem', { name: t('actions.delete') }));
  await user.click(button(t('actions.delete')));
  return user;
}

describe('a change that needs a fresh proof', () => {
  it('asks for the password, then goes on by itself', async () => {
    const user = await tryToDelete();
    expect(password()).toHaveFocus();
    backend['POST /api/session/proof/'] = { status: 204 };
    backend['DELETE /api/people/1/'] = { status: 204 };
    backend['/api/people/'] = { body: [] };
    await user.keyboard('a long password{Enter}');
    expect(sent('POST', '/api/session/proof/')).toEqual([{ password: 'a long password' }]);
    expect(screen.queryByRole('dialog')).not.toBeInTheDocument();
    expect(screen.getByText(t('people.personDeleted', { name: 'Anna' }))).toBeVisible();
  });

  it('says so when the password is wrong, and asks again', async () => {
    const user = await tryToDelete();
    const wrong = { code: 'wrong_credentials', detail: 'The password is wrong.' };
    backend['POST /api/session/proof/'] = { status: 403, body: wrong };
    await user.keyboard('wrong{Enter}');
    expect(within(dialog()).getByText('The password is wrong.')).toBeVisible();
  });

  it('asks for a code of the authenticator app, too, where there is one', async () => {
    backend['/api/session/'] = { body: { ...aSession(), totp_required: true } };
    const user = await tryToDelete();
    backend['POST /api/session/proof/'] = { status: 204 };
    await user.keyboard('a long password');
    await user.type(within(dialog()).getByLabelText(t('totp.code')), '123456{Enter}');
    expect(sent('POST', '/api/session/proof/')).toEqual([{ password: 'a long password', code: '123456' }]);
  });

  it('is not made when the user cancels', async () => {
    const user = await tryToDelete();
    await user.click(within(dialog()).getByRole('button', { name: t('actions.cancel') }));
    expect(screen.queryByRole('dialog', { name: t('proof.title') })).not.toBeInTheDocument();
    expect(screen.getByText('Enter your password again.')).toBeVisible();
    expect(sent('POST', '/api/session/proof/')).toEqual([]);
  });

  it('is given up when the session has ended meanwhile', async () => {
    const user = await tryToDelete();
    backend['POST /api/session/proof/'] = { status: 403, body: { code: 'login_required', detail: 'Log in first.' } };
    backend['/api/session/'] = { body: aSession(null) };
    await user.keyboard('a long password{Enter}');
    expect(user.address()).toContain('/login');
    expect(screen.queryByRole('dialog')).not.toBeInTheDocument();
  });
});
