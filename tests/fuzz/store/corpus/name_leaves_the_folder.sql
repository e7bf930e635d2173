UPDATE runs SET name = '../up';
