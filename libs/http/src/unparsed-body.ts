/** Stands for a body that cannot be read. It is refused where bodies are checked: callers without credential or permission hear of that first. */
export class UnparsedBody {
  constructor(readonly detail = 'The body is not valid JSON.') {}
}
