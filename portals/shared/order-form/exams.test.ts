import { expect, it } from 'vitest';
import { dicomName } from './exams';

it('a name becomes a DICOM name without the characters that part it', () => {
  expect([dicomName('Doe', 'John'), dicomName('O^Brien', ''), dicomName('Müller', ' Anna ')]).toEqual(['Doe^John', 'O Brien', 'Müller^Anna']);
});
