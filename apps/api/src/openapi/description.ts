/** What a reader meets first. */
export const DESCRIPTION = `Usher keeps organisations, projects and people, and the e-mail invitations that bring people in.

**Credentials.** Sign in, then send the token as \`Authorization: Bearer …\` (or \`Token …\`). Usher sets no cookies.
Operations that need a permission name it. Strangers to an organisation get 404, members without the permission 403.

**Errors** are \`application/problem+json\` (RFC 9457). Act on \`code\`, which is stable; \`detail\` says what to do next;
\`errors\` names every invalid field; \`requestId\`, also in the header \`X-Request-Id\`, finds the request in the logs.
Unknown fields and unknown query parameters are refused.

**Lists** take \`limit\` and \`cursor\` and answer \`{data, nextCursor}\`: ask again with \`cursor=nextCursor\` until it is null.
No row appears twice or is skipped while others come and go. \`includeTotal=true\` adds \`total\`, and costs a count.

**Repeating safely.** Send an \`Idempotency-Key\` with what creates or sends: the same key and body within 24 hours get the first answer
again, marked \`Idempotency-Replayed: true\`; or 409, if it was lost on the way. Nothing is done twice.

Times are UTC, ISO 8601. Wherever a path names an organisation, its short id works as well.`;

/** In the order of the reader's journey; those without an operation are left out. */
export const TAGS: readonly { name: string; description: string }[] = [
  { name: 'auth', description: 'Signing in and out, and a forgotten password.' },
  { name: 'me', description: 'Your own account, memberships and invitations.' },
  { name: 'platform', description: 'The settings of this installation, and who runs it.' },
  { name: 'users', description: 'Everybody with an account; for platform staff.' },
  { name: 'organisations', description: 'Tenants: their name, settings and plan.' },
  { name: 'members', description: 'Who is in an organisation, and as what.' },
  { name: 'roles', description: 'Named sets of permissions, built in or your own.' },
  { name: 'projects', description: 'What an organisation lets people into, and who is in it.' },
  { name: 'invitations', description: 'Inviting people, and what became of it.' },
  { name: 'the invitee', description: 'For the person who holds a link: look, accept, decline, ask for a fresh one.' },
  { name: 'keys', description: 'API keys of an organisation.' },
  { name: 'audit', description: 'What was done, by whom, and when.' },
  { name: 'Activepieces', description: 'The user-invitations API of Activepieces, spoken by Usher.' },
  { name: 'deepset', description: 'The invitation API of deepset Cloud, spoken by Usher.' },
  { name: 'GoRules', description: 'The user invitation API of GoRules BRMS, spoken by Usher.' },
  { name: 'WireMock', description: 'The organisation invitation API of WireMock Cloud, spoken by Usher.' },
  { name: 'running it', description: 'For operators: alive, ready, measured.' },
];
