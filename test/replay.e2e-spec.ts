import { AccessRepository } from '../apps/api/src/access/access.repository.js';
import { startApp, type TestApp } from './support/app.js';
import { buildMember, buildOrganisation, type Organisation, type Person, signInAdmin } from './support/factories.js';

/** Every suite repeats its requests as outsiders; here the guard is weak on purpose, and the suite must fail. */
describe('a suite fails', () => {
  let app: TestApp;
  let root: Person;
  let acme: Organisation;
  let lookup: AccessRepository;

  beforeEach(async () => {
    app = await startApp({}, { replay: true });
    root = await signInAdmin(app);
    acme = await buildOrganisation(app, root);
    lookup = app.nest.get(AccessRepository);
  });

  /** The guard takes everybody for an active member with the permissions of an owner. */
  function letEverybodyIn(): void {
    const find = lookup.find.bind(lookup);
    jest.spyOn(lookup, 'find').mockImplementation(async (...asked) => {
      const access = await find(...asked);
      return access && { ...access, membershipStatus: 'ACTIVE', permissions: ['organisation:read', 'members:manage'] };
    });
  }

  it('when an outsider reads what a member read', async () => {
    letEverybodyIn();
    await app.api.get(`/organisations/${acme.shortId}`, { as: root });
    const path = `GET /organisations/${acme.shortId}`;
    await expect(app.stop()).rejects.toThrow(`${path}: another organisation's owner got 200, not 404`);
  });

  it('when an outsider learns that something is there', async () => {
    letEverybodyIn();
    await app.api.patch(`/organisations/${acme.id}`, { name: 'Acme & Sons' }, { as: root });
    await expect(app.stop()).rejects.toThrow(`PATCH /organisations/${acme.id}: a stranger got 403, not 404`);
  });

  it('when a refusal is no 404 just before a deletion, though afterwards it would be', async () => {
    const member = await buildMember(app, root, acme);
    letEverybodyIn();
    const path = `/organisations/${acme.id}/members/${member.id}`;
    expect((await app.api.delete(path, { as: root })).status).toBe(204);
    await expect(app.stop()).rejects.toThrow(`DELETE ${path}: a stranger got 403, not 404`);
  });

  it('when a refused outsider changed something all the same', async () => {
    await app.api.get(`/organisations/${acme.id}`, { as: root });
    const find = lookup.find.bind(lookup);
    jest.spyOn(lookup, 'find').mockImplementation(async (...asked) => {
      await app.dataSource.query('UPDATE organisations SET updated_at = clock_timestamp() WHERE id = $1', [acme.id]);
      return find(...asked);
    });
    await expect(app.stop()).rejects.toThrow(`organisations changed by one of: GET /organisations/${acme.id}`);
  });

  it('never because of the outsiders themselves: nothing stays of them', async () => {
    await app.api.get(`/organisations/${acme.id}`, { as: root });
    const member = await buildMember(app, root, acme);
    const users = await app.api.get('/users?includeTotal=true', { as: root });
    await app.api.delete(`/organisations/${acme.id}/members/${member.id}`, { as: root });
    const after = await app.api.get('/users?includeTotal=true', { as: root });
    expect(after.body.data).toEqual(users.body.data);
    expect((await app.api.get('/organisations', { as: root })).body.data).toHaveLength(1);
    await app.stop();
  });
});
