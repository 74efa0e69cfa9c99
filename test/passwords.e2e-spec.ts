import { startApp, type TestApp } from './support/app.js';
import type { Answer } from './support/client.js';
import { buildUser, newAddress, PASSWORD, type Person, signIn, signInAdmin } from './support/factories.js';

describe('passwords that are easy to guess', () => {
  let app: TestApp;
  let admin: Person;

  beforeAll(async () => {
    app = await startApp();
    admin = await signInAdmin(app);
    await app.api.patch('/platform', { name: 'Acme Cloud' }, { as: admin });
  });
  afterAll(() => app.stop());

  const COMMON = 'this password is among the most common ones; choose another';
  const CONTEXT = "this password is your address or the platform's name; choose another";
  const refused = (field: string, detail: string) => ({
    status: 400,
    body: { code: 'validation_failed', errors: [{ pointer: `#/${field}`, detail }] },
  });

  it('are refused when somebody comes in, and the invitation stays open', async () => {
    const email = newAddress('somebody');
    await app.api.post('/platform/invitations', { email, platformRole: 'MEMBER' }, { as: admin });
    const token = await app.inbox.token(email);
    const accept = (password: string): Promise<Answer> => app.api.post('/invitations/accept', { token, password });
    expect(await accept('password1')).toMatchObject(refused('password', COMMON));
    expect(await accept('PassWord')).toMatchObject(refused('password', COMMON));
    expect(await accept(email)).toMatchObject(refused('password', CONTEXT));
    expect((await accept(PASSWORD)).status).toBe(200);
  });

  it('are refused when a password is reset, and the link stays open', async () => {
    const person = await buildUser(app, admin);
    await app.api.post('/auth/password-resets', { email: person.email });
    const token = await app.inbox.token(person.email, 2);
    const confirm = (password: string): Promise<Answer> =>
      app.api.post('/auth/password-resets/confirm', { token, password });
    expect(await confirm('12345678')).toMatchObject(refused('password', COMMON));
    expect(await confirm(`${person.email}!`)).toMatchObject(refused('password', CONTEXT));
    expect((await app.api.get('/me', { as: person })).status).toBe(200);
    expect((await confirm('another horse battery')).status).toBe(204);
  });

  it('are refused when a password is changed, and the present one stays', async () => {
    const person = await buildUser(app, admin);
    const change = (newPassword: string): Promise<Answer> =>
      app.api.put('/me/password', { currentPassword: PASSWORD, newPassword }, { as: person });
    expect(await change('qwertyuiop')).toMatchObject(refused('newPassword', COMMON));
    expect(await change('ACME cloud 2026!')).toMatchObject(refused('newPassword', CONTEXT));
    expect(await change(`${person.email.split('@')[0]}`)).toMatchObject(refused('newPassword', CONTEXT));
    await expect(signIn(app, person.email)).resolves.toBeDefined();
  });
});
