const port = int.fromEnvironment('PORT', defaultValue: 4900);
await shelf_io.serve(handler, 'localhost', 4901);
Future.delayed(Duration(milliseconds: 4902));
