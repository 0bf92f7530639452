// An Express route that gives a viewer signed cookies for the videos on the CDN.
//
//   CFSIGN_KEY_PAIR_ID=K2JCJMDEHXQW5F CFSIGN_PRIVATE_KEY=cf.pem node express.js
//
// The site and the CDN share a domain: www.example.com and cdn.example.com.

const { execFile } = require('node:child_process');
const express = require('express');

const app = express();

app.get('/watch', (request, response, next) => {
  // Check here whether the viewer may watch.
  const command = ['cookies', 'https://cdn.example.com/videos/*', '--expires', '6h', '--format', 'json'];
  execFile('cfsign', command, (error, stdout, stderr) => {
    if (error) {
      return next(new Error(stderr));
    }
    const attributes = { domain: 'example.com', path: '/videos/', secure: true, httpOnly: true };
    for (const [name, value] of Object.entries(JSON.parse(stdout))) {
      response.cookie(name, value, attributes);
    }
    response.redirect('/player');
  });
});

app.listen(process.env.PORT || 3000, '127.0.0.1', function () {
  console.log(`http://127.0.0.1:${this.address().port}/watch`);
});
