// Compiler plugin: what @nestjs/swagger's own adds to the code, but imported as `#api-docs`. Of that, package.json says what it is.
import { before as describe } from '@nestjs/swagger/plugin';
import ts from 'typescript';

const DESCRIBING = '@nestjs/swagger';
const WHEN_WANTED = '#api-docs';

export const before = (options, program) => {
  const described = describe(options, program);
  return (context) => {
    const transform = described(context);
    return (file) => imported(transform(file), context.factory);
  };
};

function imported(file, factory) {
  const statements = file.statements.map((statement) =>
    ts.isImportDeclaration(statement) && statement.moduleSpecifier.text === DESCRIBING
      ? factory.updateImportDeclaration(
          statement,
          statement.modifiers,
          statement.importClause,
          factory.createStringLiteral(WHEN_WANTED),
          statement.attributes,
        )
      : statement,
  );
  return factory.updateSourceFile(file, statements);
}
