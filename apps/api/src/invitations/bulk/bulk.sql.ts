/** In the order of addresses; who is known keeps their id. Answers how many were not. */
export const INSERT_INVITEES = `
  WITH written AS (
    INSERT INTO invitees (organisation_id, email, id)
    SELECT $1, email, id FROM unnest($2::text[], $3::uuid[]) AS invitee (email, id) ORDER BY email
    ON CONFLICT (organisation_id, email) DO NOTHING RETURNING 1)
  SELECT count(*)::int AS written FROM written`;

/** In the order of the addresses that are asked for. */
export const INVITEES = `
  SELECT id FROM unnest($2::text[]) WITH ORDINALITY AS wanted (email, place)
  LEFT JOIN invitees ON organisation_id = $1 AND invitees.email = wanted.email ORDER BY place`;

/** One statement for all: as many as there are rows would take most of the request's time. */
export const RENEW = `
  UPDATE invitations SET
    status = 'PENDING', given_name = renewed."givenName", family_name = renewed."familyName",
    role_id = renewed."roleId", expires_at = renewed."expiresAt",
    previous_token_hash = token_hash, previous_reminder_token_hash = reminder_token_hash, reminder_token_hash = NULL,
    token_hash = decode(renewed."tokenHash", 'hex'),
    mail_message_id = renewed."mailMessageId", link_shown = renewed."linkShown", remind_at = renewed."remindAt",
    send_count = send_count + renewed."hasLeft"::int,
    last_sent_at = CASE WHEN renewed."hasLeft" THEN now() ELSE last_sent_at END,
    invited_by_type = $2, invited_by_id = $3, updated_at = now()
  FROM json_to_recordset($1) AS renewed (
    id uuid, "givenName" text, "familyName" text, "roleId" uuid, "expiresAt" timestamptz, "tokenHash" text,
    "mailMessageId" uuid, "linkShown" boolean, "remindAt" timestamptz, "hasLeft" boolean)
  WHERE invitations.id = renewed.id`;
