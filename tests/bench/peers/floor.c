/* What any signer must do at least, without signing: it starts, reads the key file, and prints the URL.
 *     floor KEY URL */
#include <stdio.h>

int main(int count, char **arguments)
{
    static char key[65536];
    FILE *file = count == 3 ? fopen(arguments[1], "rb") : NULL;
    if (file == NULL || fread(key, 1, sizeof key, file) == 0)
        return 2;
    fclose(file);
    return puts(arguments[2]) < 0;
}
