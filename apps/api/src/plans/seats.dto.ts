/** Who holds the seats of an organisation's plan. */
export class SeatsDto {
  /** Null: no limit. */
  limit: number | null;

  /** Active members. */
  members: number;

  /** Addresses invited that are no active members yet, each once; lapsed and ended invitations hold no seat. */
  pending: number;
}
