/** Finds critical findings that a report names but does not flag. Pure; the catalogue brings the words. */
import { isNegated } from './negation';
import { sentencesOf } from './sentences';

export interface CriticalTerm {
  code: string;
  title: string;
  /** Words and phrases that name the finding, lower case; `*` stands for any ending, `…` for up to five words that deny nothing. */
  synonyms: readonly string[];
}

export interface TermFound {
  code: string;
  title: string;
  sentence: string;
  start: number;
  end: number;
}

/** The six STAT findings of the hospital's specification; used when the catalogue brings no synonyms. */
export const STAT_TERMS: readonly CriticalTerm[] = [
  { code: 'PULMONARY_EMBOLISM', title: 'Pulmonary embolism', synonyms: ['pulmonary embol*', 'pulmonary arter* filling defect*', 'filling defect* … pulmonary arter*', 'filling defect* … lobar arter*', 'filling defect* … segmental arter*', 'saddle embol*', 'acute pe'] },
  { code: 'PNEUMOTHORAX', title: 'Pneumothorax', synonyms: ['pneumothora*', 'hydropneumothora*', 'tension pneumo*'] },
  { code: 'ACUTE_STROKE', title: 'Acute stroke', synonyms: ['acute stroke', 'acute infarct*', 'acute ischemi*', 'acute ischaemi*', 'ischemic stroke', 'ischaemic stroke', 'large vessel occlusion', 'hyperdense vessel', 'hyperdense mca', 'restricted diffusion'] },
  { code: 'MAJOR_FRACTURE', title: 'Major fracture', synonyms: ['displaced fracture*', 'unstable fracture*', 'burst fracture*', 'open fracture*', 'hip fracture*', 'femoral neck fracture*', 'pelvic fracture*', 'odontoid fracture*', 'cervical spine fracture*', 'fracture dislocation*', 'major fracture*'] },
  { code: 'ACUTE_HEMORRHAGE', title: 'Acute hemorrhage', synonyms: ['acute hemorrhag*', 'acute haemorrhag*', 'intracranial hemorrhag*', 'intracranial haemorrhag*', 'intracranial hematoma*', 'intracranial haematoma*', 'intracranial bleed*', 'intracerebral hemorrhag*', 'intracerebral haemorrhag*', 'intracerebral hematoma*', 'intracerebral haematoma*', 'intracerebral bleed*', 'intraparenchymal hemorrhag*', 'intraparenchymal haemorrhag*', 'intraparenchymal hematoma*', 'intraparenchymal haematoma*', 'intraparenchymal bleed*', 'intraventricular hemorrhag*', 'intraventricular haemorrhag*', 'intraventricular bleed*', 'subarachnoid hemorrhag*', 'subarachnoid haemorrhag*', 'subarachnoid bleed*', 'subdural hemorrhag*', 'subdural haemorrhag*', 'subdural hematoma*', 'subdural haematoma*', 'subdural bleed*', 'epidural hemorrhag*', 'epidural haemorrhag*', 'epidural hematoma*', 'epidural haematoma*', 'epidural bleed*', 'extradural hemorrhag*', 'extradural haemorrhag*', 'extradural hematoma*', 'extradural haematoma*', 'extradural bleed*', 'active extravasation', 'hemoperitoneum', 'haemoperitoneum', 'aortic rupture', 'ruptured aneurysm*', 'active bleeding'] },
  { code: 'BOWEL_PERFORATION', title: 'Bowel perforation', synonyms: ['bowel perforation', 'perforated viscus', 'perforated bowel', 'perforated append*', 'perforated divertic*', 'free intraperitoneal air', 'free air', 'pneumoperitoneum'] },
];

const GAP = '[\\s-]+(?:(?!no\\b|not\\b|without\\b)\\w+[\\s-]+){0,5}?';

const patternOf = (synonym: string): string =>
  synonym.toLowerCase().replace(/[.+?^${}()|[\]\\]/g, '\\$&').replaceAll('*', '\\w*').replaceAll(' … ', GAP).replace(/\s+/g, '[\\s-]+');

/** Terms stated in the text, each once for each sentence, in the order of the text. */
export function statedTerms(text: string, terms: readonly CriticalTerm[] = STAT_TERMS): TermFound[] {
  const patterns = terms
    .filter((term) => term.synonyms.length > 0)
    .map((term) => ({ term, pattern: new RegExp(`(?<![\\w])(?:${term.synonyms.map(patternOf).join('|')})(?![\\w])`, 'gi') }));
  return sentencesOf(text).flatMap((sentence) =>
    patterns.flatMap(({ term, pattern }) => {
      for (const match of sentence.text.matchAll(pattern)) {
        const end = match.index + match[0].length;
        if (isNegated(sentence.text, match.index, end)) continue;
        return [{ code: term.code, title: term.title, sentence: sentence.text, start: sentence.start + match.index, end: sentence.start + end }];
      }
      return [];
    }),
  );
}
