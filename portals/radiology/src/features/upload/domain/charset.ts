/** Characters of a DICOM header, by its Specific Character Set (0008,0005; PS3.3 section C.12.1.1.2). Pure. */
const LATIN_1 = 'windows-1252';

/** Defined terms without code extensions, and the name that browsers have for them. */
const ENCODINGS: Record<string, string> = {
  'ISO_IR 100': LATIN_1,
  'ISO_IR 101': 'iso-8859-2',
  'ISO_IR 109': 'iso-8859-3',
  'ISO_IR 110': 'iso-8859-4',
  'ISO_IR 144': 'iso-8859-5',
  'ISO_IR 127': 'iso-8859-6',
  'ISO_IR 126': 'iso-8859-7',
  'ISO_IR 138': 'iso-8859-8',
  'ISO_IR 148': 'windows-1254',
  'ISO_IR 203': 'iso-8859-15',
  'ISO_IR 13': 'shift_jis',
  'ISO_IR 166': 'windows-874',
  'ISO_IR 192': 'utf-8',
  GB18030: 'gb18030',
  GBK: 'gbk',
};

/**
 * Read bytes in the character set that a header names. Of code extensions (ISO 2022) the Japanese one is read, and of the
 * others the set that they begin with: whom a file is of is shown here, and decided by the server.
 */
export function decoded(bytes: Uint8Array, specificCharacterSet: string): string {
  const terms = specificCharacterSet.split('\\').map((term) => term.trim());
  const term = terms.find((one) => one !== '')?.replace('ISO 2022 IR', 'ISO_IR') ?? '';
  const encoding = terms.includes('ISO 2022 IR 87') ? 'iso-2022-jp' : (ENCODINGS[term] ?? LATIN_1);
  return new TextDecoder(encoding).decode(bytes);
}
