/** Stands for a body that is no JSON. It is refused where bodies are checked: callers without credential or permission hear of that first. */
export class UnparsedBody {}
