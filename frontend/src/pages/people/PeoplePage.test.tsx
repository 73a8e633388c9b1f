import { screen, within } from '@testing-library/react';
import { beforeEach, describe, expect, it, vi } from 'vitest';
import type { Code, Person } from '../../api/people';
import {
  anEvent,
  change,
  installFakeBackend,
  installFakeSocket,
  open,
  advance,
  requests,
  sent,
  type Backend,
} from '../../testing/fakes';
import { t } from '../../text';

let backend: Backend;

const field = (name: string | RegExp) => screen.getByLabelText(name);
const button = (name: string | RegExp) => screen.getByRole('button', { name });

const anna: Person = { id: 1, username: 'anna', name: 'Anna', role: 'admin', is_active: true };
const code: Code = {
  id: 4,
  label: 'Cleaner',
  person: null,
  person_name: null,
  duress: false,
  valid_from: null,
  valid_until: '2020-01-31T12:00:00.000000Z',
  is_active: true,
  last_used_at: null,
  status: 'expired',
};

type User = Awaited<ReturnType<typeof open>>;

async function choose(user: User, of: string, action: string) {
  await user.click(button(t('actions.more', { name: of })));
  await user.click(screen.getByRole('menuitem', { name: action }));
}

beforeEach(() => {
  vi.useFakeTimers();
  installFakeSocket();
  backend = installFakeBackend();
  backend['/api/people/'] = { body: [anna] };
  backend['/api/codes/'] = { body: [code] };
});

describe('people', () => {
  it('are added with a name, a password and a role', async () => {
    const user = await open('/people');
    const ben = { id: 2, username: 'ben', name: 'Ben', role: 'resident', is_active: true };
    backend['POST /api/people/'] = { status: 201, body: ben };
    await user.click(button(t('people.addPerson')));
    await user.type(field(t('people.name')), 'Ben');
    await user.type(field(t('people.username')), 'ben');
    await user.type(field(t('people.password')), 'a long password');
    backend['/api/people/'] = { body: [anna, ben] };
    await user.click(button(t('actions.add')));
    const body = { username: 'ben', name: 'Ben', role: 'resident', is_active: true, password: 'a long password' };
    expect(sent('POST', '/api/people/')).toEqual([body]);
    expect(screen.getByText(t('people.personAdded', { name: 'Ben' }))).toBeVisible();
    expect(button(t('actions.more', { name: 'Ben' }))).toBeVisible();
  });

  it('can have a username in any alphabet', async () => {
    backend['/api/people/'] = { body: [{ ...anna, username: 'Аня' }] };
    await open('/people');
    expect(screen.getByText(/^Аня/)).toBeVisible();
  });

  it('keep their password when none is entered', async () => {
    const user = await open('/people');
    backend['PATCH /api/people/1/'] = { body: anna };
    await choose(user, 'Anna', t('actions.edit'));
    await user.click(button(t('actions.save')));
    expect(sent('PATCH', '/api/people/1/')).toEqual([
      { username: 'anna', name: 'Anna', role: 'admin', is_active: true },
    ]);
  });

  it('stay when the backend refuses to delete them', async () => {
    const user = await open('/people');
    const detail = 'The last administrator cannot be deleted.';
    backend['DELETE /api/people/1/'] = { status: 409, body: { code: 'last_admin', detail } };
    await choose(user, 'Anna', t('actions.delete'));
    await user.click(button(t('actions.delete')));
    const dialog = screen.getByRole('alertdialog', { name: t('people.deletePersonTitle', { name: 'Anna' }) });
    expect(within(dialog).getByRole('alert')).toHaveTextContent(detail);
    await user.keyboard('{Escape}');
    // The focus returns in the next frame.
    await advance(50);
    expect(button(t('actions.more', { name: 'Anna' }))).toHaveFocus();
  });

  it('are refetched after a change by another administrator', async () => {
    await open('/people');
    backend['/api/people/'] = { body: [{ ...anna, name: 'Anna Maria' }] };
    await change(2, 'event', anEvent({ kind: 'person' }));
    expect(button(t('actions.more', { name: 'Anna Maria' }))).toBeVisible();
  });
});

describe('codes', () => {
  it('are shown with their status', async () => {
    await open('/people');
    const row = within(screen.getByRole('region', { name: t('people.codes') })).getByRole('listitem');
    expect(row).toHaveTextContent(/Cleaner.*Expired.*until.*Never used/);
  });

  it('are an error when the answer does not match the API’s schema', async () => {
    backend['/api/codes/'] = { body: [{ ...code, status: 'lost' }] };
    await open('/people');
    expect(within(screen.getByRole('region', { name: t('people.codes') })).getByRole('alert')).toHaveTextContent(
      t('errors.unexpected'),
    );
  });

  it('are added with an owner', async () => {
    const user = await open('/people');
    backend['POST /api/codes/'] = { status: 201, body: code };
    await user.click(button(t('people.addCode')));
    await user.type(field(t('people.label')), 'Guest');
    await user.type(field(t('people.pin')), '4711');
    await user.click(button(new RegExp(t('people.owner'))));
    await user.click(screen.getByRole('option', { name: 'Anna' }));
    await user.click(screen.getByRole('switch', { name: new RegExp(t('people.duress')) }));
    await user.click(button(t('actions.add')));
    const limits = { valid_from: null, valid_until: null };
    expect(sent('POST', '/api/codes/')).toEqual([
      { label: 'Guest', person: 1, pin: '4711', duress: true, is_active: true, ...limits },
    ]);
  });

  it('keep their PIN and end when unchanged', async () => {
    const user = await open('/people');
    backend['PATCH /api/codes/4/'] = { body: code };
    await choose(user, 'Cleaner', t('actions.edit'));
    await user.click(button(t('actions.save')));
    const [body] = sent('PATCH', '/api/codes/4/') as Code[];
    expect(body).not.toHaveProperty('pin');
    expect(Date.parse(body?.valid_until ?? '')).toBe(Date.parse('2020-01-31T12:00:00Z'));
  });

  it('show at the field that a PIN is taken', async () => {
    const user = await open('/people');
    const detail = 'Another code has this PIN.';
    backend['POST /api/codes/'] = { status: 409, body: { code: 'pin_taken', detail } };
    await user.click(button(t('people.addCode')));
    await user.type(field(t('people.label')), 'Guest');
    await user.type(field(t('people.pin')), '1234');
    await user.click(button(t('actions.add')));
    expect(field(t('people.pin'))).toHaveAccessibleDescription(new RegExp(detail));
  });

  it('are not sent without a PIN of four digits', async () => {
    const user = await open('/people');
    await user.click(button(t('people.addCode')));
    await user.type(field(t('people.label')), 'Guest');
    await user.type(field(t('people.pin')), '12x');
    await user.click(button(t('actions.add')));
    expect(requests('POST', '/api/codes/')).toHaveLength(0);
    expect(field(t('people.pin'))).toBeInvalid();
  });
});
