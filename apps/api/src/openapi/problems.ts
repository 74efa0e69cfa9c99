/** Of the members of a `ProblemDto`, those that differ between refusals. */
interface Refusal {
  status: number;
  detail: string;
  [member: string]: unknown;
}

const oneField = (pointer: string, detail: string) => ({ errors: [{ pointer, detail }] });

/** Every code that a refusal may carry, with an example of it. */
export const PROBLEMS = {
  validation_failed: {
    status: 400,
    detail: 'The request is not valid: see email.',
    ...oneField('#/email', 'email must be one plain e-mail address such as kim@example.com'),
  },
  malformed_json: { status: 400, detail: 'The body is not valid JSON.' },
  unauthenticated: {
    status: 401,
    detail: 'Send a valid credential as `Authorization: Bearer …`; sign in for one.',
  },
  invalid_credentials: { status: 401, detail: 'The address or the password is wrong.' },
  sign_in_required: {
    status: 401,
    detail: 'There is an account for this address. Sign in with it, then accept.',
  },
  unknown_sender: {
    status: 401,
    detail: 'Sign the body with MAIL_EVENTS_SECRET, or send it as the Basic password.',
  },
  invitations_not_in_plan: {
    status: 402,
    detail: "Inviting people is not in this organisation's plan. Ask the platform's staff.",
  },
  seat_limit_reached: {
    status: 402,
    detail:
      "The plan has 10 seats: 8 members hold one, 2 are reserved for people invited. Remove somebody, revoke an invitation, or ask the platform's staff for more.",
    limit: 10,
    members: 8,
    pending: 2,
  },
  forbidden: {
    status: 403,
    detail: 'This needs the permission invitations:manage, which your role does not hold here.',
  },
  session_required: {
    status: 403,
    detail: 'An API key cannot do this. Sign in, and send the session token instead.',
  },
  membership_suspended: {
    status: 403,
    detail: 'Your membership here is suspended. Ask an admin of the organisation.',
  },
  organisation_suspended: { status: 403, detail: "This organisation is suspended. Ask the platform's staff." },
  above_ceiling: {
    status: 403,
    detail: 'This role holds more than you do. Ask somebody who holds as much, such as an owner.',
  },
  built_in_role: { status: 403, detail: 'Built-in roles cannot be changed. Make one of your own.' },
  own_role: { status: 403, detail: 'Nobody changes their own role. Ask another admin.' },
  own_status: { status: 403, detail: 'Nobody suspends or reactivates themselves. Ask another admin.' },
  wrong_password: {
    status: 403,
    detail: 'The current password is wrong. If you forgot it, ask for a reset by mail.',
  },
  wrong_account: {
    status: 403,
    detail: 'This invitation is for k•••@example.com. Sign out, and sign in with that address.',
    email: 'k•••@example.com',
  },
  not_found: { status: 404, detail: 'There is nothing here that you may see.' },
  role_not_found: { status: 404, detail: 'There is no role EDITORS for this organisation.' },
  project_not_found: {
    status: 404,
    detail: 'The organisation has no project 019a9d1f-5c3e-7b58-8b1f-6d2a4c9e0f11.',
  },
  duplicate_in_request: {
    status: 409,
    detail: 'Row 3 of this request has the same address. Say it once.',
    firstIndex: 3,
  },
  already_member: { status: 409, detail: 'This person has all of that already.' },
  invitation_pending: {
    status: 409,
    detail: 'This address has an open invitation here. Resend or change that one.',
    invitationId: '019a9d24-8f0a-7c11-9d5b-3e7f1a2b4c5d',
  },
  invitation_not_pending: { status: 409, detail: 'This invitation is ACCEPTED. Invite the person anew.' },
  role_key_taken: {
    status: 409,
    detail: 'There is a role SUPPORT for this scope already. Choose another key.',
  },
  role_in_use: {
    status: 409,
    detail: 'This role is in use. Give those who hold it another one, and change or revoke the invitations to it.',
    members: 2,
    projectMembers: 0,
    invitations: 1,
    apiKeys: 0,
  },
  too_many_api_keys: { status: 409, detail: 'There are 1000 API keys already. Revoke those that nobody uses.' },
  too_many_roles: { status: 409, detail: 'This organisation has 500 roles of its own already. Delete one first.' },
  last_owner: { status: 409, detail: 'This is the last active owner. Make somebody else an OWNER first.' },
  last_platform_admin: {
    status: 409,
    detail: 'This is the last active platform admin. Make somebody else one first.',
  },
  idempotency_key_in_use: {
    status: 409,
    detail: 'The first request with this Idempotency-Key still runs. Ask again shortly.',
  },
  idempotency_answer_unreadable: {
    status: 409,
    detail:
      'This request was done before; its answer was encrypted with a secret that is no longer used. See what became of it; a new Idempotency-Key does it again.',
  },
  idempotency_answer_lost: {
    status: 409,
    detail:
      'This request was done before; its answer was lost on the way. See what became of it; a new Idempotency-Key does it again.',
  },
  invitation_closed: {
    status: 410,
    detail: 'This invitation is no longer open. Ask for a fresh link, or ask who invited you.',
  },
  opt_out_closed: {
    status: 410,
    detail: 'This link does not work. Open the last link in your newest mail from us.',
  },
  password_reset_closed: { status: 410, detail: 'This link is no longer open. Ask for a new password again.' },
  body_too_large: { status: 413, detail: 'The body is larger than 1 MiB. Send less at once.' },
  unsupported_media_type: { status: 415, detail: 'Send the body as application/json.' },
  idempotency_key_reused: {
    status: 422,
    detail: 'This Idempotency-Key was sent with another request. Use a new one.',
  },
  too_many_attempts: { status: 429, detail: 'Too many attempts. Try again in 42 seconds.' },
  sending_limit_reached: {
    status: 429,
    detail: 'This person was sent 5 invitations from here today, which is the limit. Try again in 3600 seconds.',
  },
  resend_cooldown: { status: 429, detail: 'This person got a mail a moment ago. Try again in 42 seconds.' },
  internal_error: {
    status: 500,
    detail: 'Something went wrong here. Try again; if it persists, report the requestId.',
  },
  database_unavailable: { status: 503, detail: 'The database does not answer. Try again shortly.' },
  overloaded: { status: 503, detail: 'There is more to do here than can be done at once. Try again in a second.' },
  busy: { status: 503, detail: 'Too many people are signing in at this moment. Try again shortly.' },
  not_ready: { status: 503, detail: 'Not ready: database.' },
} satisfies Record<string, Refusal>;

export type ProblemCode = keyof typeof PROBLEMS;
