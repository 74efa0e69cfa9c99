/** A project is about to be deleted. */
export class ProjectDeleted {
  constructor(
    readonly organisationId: string,
    readonly projectId: string,
  ) {}
}
