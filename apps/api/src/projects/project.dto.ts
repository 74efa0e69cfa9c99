import { Id, Optional, PageQuery, PlainText } from '@usher/http';
import { IsOptional } from 'class-validator';
import { PersonDto, RoleKey } from '../organisations/member.dto.js';
import { IsProjectKind } from '../organisations/project-kind.js';
import { RoleReferenceDto } from '../organisations/role.dto.js';
import { IsMetadata } from './metadata.js';
import type { Project } from './project.entity.js';
import type { ProjectMembership } from './project-membership.entity.js';

/** Something inside an organisation that people are let into. */
export class ProjectDto {
  /** @format uuid */
  id: string;

  /** @format uuid */
  organisationId: string;

  /** `project`, or any lower-case word such as `team` or `mock_api`. */
  kind: string;

  name: string;

  /** The client's own id for it. */
  externalId: string | null;

  /** The client's own data. */
  metadata: object;

  createdAt: Date;

  updatedAt: Date;

  static from(project: Project): ProjectDto {
    const { id, organisationId, kind, name, externalId, metadata, createdAt, updatedAt } = project;
    return { id, organisationId, kind, name, externalId, metadata, createdAt, updatedAt };
  }
}

export class ProjectPageDto {
  data: ProjectDto[];

  /** Ask with it as `cursor` for the next page; null on the last. */
  nextCursor: string | null;

  /** Only with `includeTotal=true`. */
  total?: number;
}

class ProjectFieldsDto {
  /** Your own id for it, at most 200 characters. */
  @IsOptional()
  @PlainText(200)
  externalId?: string | null;

  /** A JSON object of at most 8 KiB; replaced as a whole. */
  @Optional()
  @IsMetadata()
  metadata?: object;
}

export class UpdateProjectDto extends ProjectFieldsDto {
  /** 1 to 100 characters, one line. */
  @Optional()
  @PlainText(100)
  name?: string;
}

export class CreateProjectDto extends ProjectFieldsDto {
  /** 1 to 100 characters, one line. */
  @PlainText(100)
  name: string;

  /** A lower-case word; `project` when left out. It cannot be changed. */
  @Optional()
  @IsProjectKind()
  kind?: string = 'project';
}

export class ProjectListQuery extends PageQuery {
  @Optional()
  @IsProjectKind()
  kind?: string;
}

/** A person in a project. */
export class ProjectMemberDto {
  user: PersonDto;

  role: RoleReferenceDto;

  joinedAt: Date;

  static from({ user, role, joinedAt }: ProjectMembership): ProjectMemberDto {
    return { user: PersonDto.from(user), role: RoleReferenceDto.from(role), joinedAt };
  }
}

export class ProjectMemberPageDto {
  data: ProjectMemberDto[];

  /** Ask with it as `cursor` for the next page; null on the last. */
  nextCursor: string | null;

  /** Only with `includeTotal=true`. */
  total?: number;
}

export class AddProjectMemberDto {
  /** A member of the organisation. */
  @Id()
  userId: string;

  /** A project role's key, such as `EDITOR`, or its id. */
  @RoleKey()
  role: string;
}
