import { getMetadataStorage, ValidationTypes } from 'class-validator';

type Metadata = ReturnType<ReturnType<typeof getMetadataStorage>['getTargetValidationMetadatas']>[number];
type Fields = Record<string, unknown>;
/** Of one field. False: it is broken, or takes more than a look. */
type Rule = (object: Fields, value: unknown) => boolean;

const known = new WeakMap<object, ReadonlyMap<string, Rule>>();

/**
 * Whether every rule of its class holds, and it has no other fields. False also where this cannot be told at once: then class-validator decides, and
 * says what is wrong. It looks up the rules of a class anew each time, which takes ten times as long as asking them.
 */
export function holdsForSure(object: object): boolean {
  const fields = object as Fields; // as: only read
  const rules = rulesOf(object.constructor);
  if (rules.size === 0) return false;
  for (const name of Object.keys(fields)) if (!rules.has(name)) return false;
  for (const [name, rule] of rules) if (!rule(fields, fields[name])) return false;
  return true;
}

function rulesOf(target: object): ReadonlyMap<string, Rule> {
  const found = known.get(target) ?? readRules(target);
  known.set(target, found);
  return found;
}

function readRules(target: object): ReadonlyMap<string, Rule> {
  const storage = getMetadataStorage();
  const all = storage.getTargetValidationMetadatas(target as () => void, '', false, false); // as: a class
  const byField = Object.entries(storage.groupByPropertyName(all));
  return new Map(byField.map(([name, metadata]) => [name, ruleFor(metadata)]));
}

function ruleFor(metadata: Metadata[]): Rule {
  const conditions = metadata.filter(({ type }) => type === ValidationTypes.CONDITIONAL_VALIDATION);
  const checks = metadata.filter((each) => !conditions.includes(each)).map(checkFor);
  const isAsked: Rule = (object, value) => conditions.every(({ constraints: [asks] }) => (asks as Rule)(object, value)); // as: what `ValidateIf` was given
  return (object, value) => !isAsked(object, value) || checks.every((check) => check(object, value));
}

function checkFor(metadata: Metadata): Rule {
  if (metadata.type === ValidationTypes.WHITELIST) return () => true;
  if (metadata.type === ValidationTypes.NESTED_VALIDATION) return (_object, value) => isNested(value);
  const canTell = metadata.type === ValidationTypes.CUSTOM_VALIDATION && !metadata.validateIf;
  return canTell ? customCheck(metadata) : () => false;
}

function customCheck({ target, propertyName: property, constraintCls, constraints, each }: Metadata): Rule {
  const targetName = typeof target === 'string' ? target : target.name;
  const found = getMetadataStorage().getTargetValidatorConstraints(constraintCls);
  const validators = found.map(({ instance }) => instance);
  return (object, value) => {
    const asked = { targetName, property, object, value, constraints: constraints as unknown[] }; // as: `any`
    const values: unknown[] = each && Array.isArray(value) ? value : [value];
    return values.every((one) => validators.every((validator) => validator.validate(one, asked) === true));
  };
}

/** Objects, or one list of them. */
const isNested = (value: unknown): boolean =>
  value === undefined ||
  (Array.isArray(value) ? value : [value]).every(
    (each: unknown) => typeof each === 'object' && each !== null && holdsForSure(each),
  );
