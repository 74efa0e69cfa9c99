-- Run on a restored database before Usher starts on it: what waited when the backup was made was sent since, or is out of date.
-- Inviters see these mails as SKIPPED, and may send them again with a fresh link.
UPDATE mail_messages
SET status = 'SKIPPED', sealed_token = NULL, last_error = 'Not sent: the database was restored from a backup'
WHERE status IN ('QUEUED', 'SENDING');

-- Reminders that are due by now may have been sent since, too.
UPDATE invitations SET remind_at = NULL WHERE remind_at <= now();
