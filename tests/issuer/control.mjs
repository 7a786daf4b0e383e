// The commands of a test to the issuer.
//
//   keys NAME...   the issuer has these keys, in this order, and signs with the first. A name begins with its algorithm, such
//                  as rs256-old or eddsa-1; a name that was used before is the same key again
//   away           stops listening, and cuts every connection
//   back           listens again, at the same address

export async function control(issuer, line) {
  const [command, ...words] = line.trim().split(/\s+/);
  try {
    if (command === 'keys') await issuer.setKeys(words);
    else if (command === 'away') await issuer.close();
    else if (command === 'back') await issuer.listen(issuer.port);
    else return `there is no command ${command}`;
    return 'done';
  } catch (error) {
    return `failed: ${error.message}`;
  }
}
