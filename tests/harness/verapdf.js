// Run by Rhino's shell: says of each PDF named which rule of PDF/A-2a (ISO 19005-2) and PDF/UA-1
// (ISO 14289-1) it breaks, a line each; whoever reads wants as many lines "checked" as files times two.
org.verapdf.gf.foundry.VeraGreenfieldFoundryProvider.initialise();
arguments.forEach(function (path) {
  ['2a', 'ua1'].forEach(function (name) {
    var flavour = org.verapdf.pdfa.flavours.PDFAFlavour.fromString(name);
    var foundry = org.verapdf.pdfa.Foundries.defaultInstance();
    var parser = foundry.createParser(new java.io.File(path), flavour);
    var result = foundry.createValidator(flavour, false).validate(parser);
    parser.close();
    print('checked ' + name + ' ' + result.getTotalAssertions() + ' ' + path);
    var failed = result.getTestAssertions().iterator();
    while (failed.hasNext()) {
      var rule = failed.next();
      print('broken ' + name + ' ' + rule.getRuleId().getClause() + ' ' + rule.getMessage() + ' ' + path);
    }
  });
});
