import { Type } from 'class-transformer';
import { IsInt, IsString, Max, MaxLength, Min } from 'class-validator';
import { Optional, QueryFlag } from './fields.js';

/** How much of a list to answer. */
export class PageQuery {
  /** Rows on the page, 1 to 100. */
  @Optional()
  @Type(() => Number)
  @IsInt()
  @Min(1)
  @Max(100)
  limit?: number = 20;

  /** `nextCursor` of the page before. */
  @Optional()
  @IsString()
  @MaxLength(1000)
  cursor?: string;

  /** Answers `total`, the number of rows on all pages; costs a count. */
  @Optional()
  @QueryFlag()
  includeTotal?: boolean = false;
}
