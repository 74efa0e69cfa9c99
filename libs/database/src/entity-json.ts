import type { DataSource, EntityTarget, ObjectLiteral } from 'typeorm';

/** Rows of an entity that a statement selects as columns or inside JSON, and how they are read back. */
export class EntityJson<Entity extends ObjectLiteral> {
  constructor(
    private readonly dataSource: DataSource,
    private readonly target: EntityTarget<Entity>,
  ) {}

  /** SQL of an object with all fields of the row `alias`. */
  object(alias: string): string {
    const fields = this.stored.map(({ propertyName, databaseName }) => `'${propertyName}', ${alias}.${databaseName}`);
    return `json_build_object(${fields.join(', ')})`;
  }

  /** SQL of the row's columns, called as the entity's fields are. */
  columns(alias: string): string {
    return this.stored
      .map(({ propertyName, databaseName }) => `${alias}.${databaseName} AS "${propertyName}"`)
      .join(', ');
  }

  /** From columns, or from JSON, where moments are text. */
  read(row: object): Entity {
    const entity = Object.assign(this.metadata.create() as Entity, row); // as: the metadata is the entity's
    for (const { propertyName, type } of this.metadata.columns) {
      const value: unknown = entity[propertyName];
      if (type === 'timestamptz' && typeof value === 'string')
        Object.assign(entity, { [propertyName]: new Date(value) });
    }
    return entity;
  }

  private get metadata() {
    return this.dataSource.getMetadata(this.target);
  }

  private get stored() {
    return this.metadata.columns.filter(
      ({ isVirtual, isVirtualProperty, isSelect }) => !isVirtual && !isVirtualProperty && isSelect,
    );
  }
}
