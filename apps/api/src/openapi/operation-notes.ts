import type { MediaTypeObject, ResponsesObject } from '@nestjs/swagger';
import type { ProblemCode } from './problems.js';

/** What the route itself does not say of an operation. */
export interface OperationNotes {
  /** The name of the method in generated clients; it never changes. */
  id: string;
  /** What it may answer besides what every route of its kind may. */
  problems?: readonly ProblemCode[];
  /** Where a reader looks for it, when it is not where its controller is. */
  tag?: string;
  /** Works without a credential, and better with one. */
  credential?: 'optional';
  /** Example of its body, where the schema's own does not fit. */
  request?: object;
  /** Example of its answer, where the schema's own does not fit. */
  answer?: object;
  /** How it says no, where it speaks another wire format; a note by status. */
  refusals?: ResponsesObject;
  /** What single rows of its request may be refused with, in an answer that is good as a whole. */
  rowProblems?: readonly ProblemCode[];
  /** What it takes besides JSON. */
  bodies?: Readonly<Record<string, MediaTypeObject>>;
  /** What it answers instead when the Accept header asks for it. */
  alternatives?: Readonly<Record<string, MediaTypeObject>>;
}
